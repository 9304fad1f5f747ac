"""What the stages share: events, settings, clients, media, feature models. Imports no function, nothing local."""
