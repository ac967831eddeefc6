"""What a Django team would take instead, measured on the same server with the same diary."""
