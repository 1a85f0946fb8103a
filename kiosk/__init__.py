"""Capture station for state exams: ID card, face, both thumbs, verified, stored and exported."""
