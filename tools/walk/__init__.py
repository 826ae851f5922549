"""Walk through the web app while much is wrong: ``make walk``."""
