"""What people take away from film sites: their files, read as rows. It knows no model and no catalogue."""
