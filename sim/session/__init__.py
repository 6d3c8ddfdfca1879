"""The session: one campaign in somebody's hands. Every order that a player gives passes through here."""
