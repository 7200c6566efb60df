"""Requests and replies over HTTP, in the form, with the limits and with the errors of the service."""
