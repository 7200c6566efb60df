"""The offline endpoint: an HTTP service that reads pictures and speech and speaks the service's wire format."""
