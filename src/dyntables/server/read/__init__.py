"""Read models: what the catalog and the server say, as the schemas of the API."""
