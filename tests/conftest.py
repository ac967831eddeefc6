"""What most tests need: people by role, a clinic with a diary, and a clock that stands still."""
