"""What people run themselves: by a role that only reads, measured before it is sent."""
