"""The authority of an area: what it does about children whom others have placed there."""
