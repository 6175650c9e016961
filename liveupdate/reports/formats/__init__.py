"""What people take away of a report: the same document as text, CSV, drawing, PDF and OSCAL."""
