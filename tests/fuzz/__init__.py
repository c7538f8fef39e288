"""What reads text from anywhere, and programs that look for texts that break it."""
