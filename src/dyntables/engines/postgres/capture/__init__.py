"""Changes: logged in the writer's transaction, rotated, mended."""
