"""What advisories on other tools of this kind found in them, tried here; each test names them."""
