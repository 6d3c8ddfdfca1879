"""The exercise: a class plays one campaign in the browser, turn by turn."""
