"""Knowledge: finding passages about options, packages and manuals."""
