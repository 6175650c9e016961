"""What commands print, and how the portal reads it: for outputs that somebody captured."""
