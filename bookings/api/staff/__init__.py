"""What a staff key opens."""
