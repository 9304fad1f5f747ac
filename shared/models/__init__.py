"""What stages that ask a paid model share: Gemini's client, when to ask again, what came over the wire, the budget."""
