"""The pages that show people and change their roles."""
