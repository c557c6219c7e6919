package protocol

// Alert is a row of the table of TLS alerts: what the far side calls its
// reason for refusing a handshake (RFC 8446 §6, and the IANA registry "TLS
// Alerts" for those of other RFCs).
type Alert struct {
	Code    uint8
	Name    string // "handshake_failure"
	Meaning string // what it says, and what to try
}

// Alerts are the alerts that a server may send.
var Alerts = []Alert{
	{0, "close_notify", "it ended the connection in good order"},
	{10, "unexpected_message", "it got what does not belong there"},
	{20, "bad_record_mac", "a record did not decrypt: something altered it on its way, or one side is broken"},
	{22, "record_overflow", "a record was too long"},
	{40, "handshake_failure", "no common cipher suite, group or signature algorithm; an old server may need --tls-ciphers or --tls-max 1.2"},
	{42, "bad_certificate", "the client's certificate is broken, or one was wanted: see --tls-cert"},
	{43, "unsupported_certificate", "the client's certificate is of a kind it does not take"},
	{44, "certificate_revoked", "the client's certificate was revoked"},
	{45, "certificate_expired", "the client's certificate has expired, or is not yet valid"},
	{46, "certificate_unknown", "it does not accept the client's certificate"},
	{47, "illegal_parameter", "a value in the handshake makes no sense to it"},
	{48, "unknown_ca", "it does not know who issued the client's certificate"},
	{49, "access_denied", "the client's certificate is good, and not allowed in"},
	{50, "decode_error", "it could not read a message of the handshake"},
	{51, "decrypt_error", "a signature or a key did not verify"},
	{70, "protocol_version", "no common version: see --tls-min and --tls-max"},
	{71, "insufficient_security", "it wants stronger ciphers than were offered"},
	{80, "internal_error", "something failed on its side: its log knows what, often a certificate or key that it cannot load"},
	{86, "inappropriate_fallback", "it takes the version offered for a forced downgrade"},
	{90, "user_canceled", "it gave the handshake up"},
	{109, "missing_extension", "an extension that it needs was not there"},
	{110, "unsupported_extension", "an extension that it did not ask for was there"},
	{112, "unrecognized_name", "it has no certificate for the name asked for: see --tls-name"},
	{113, "bad_certificate_status_response", "the stapled status is no good"},
	{115, "unknown_psk_identity", "it does not know the session to resume"},
	{116, "certificate_required", "it wants a certificate from the client: --tls-cert and --tls-key give one"},
	{120, "no_application_protocol", "no common application protocol"},
}

// FindAlert looks up an alert by its code; nil for one that is not registered.
func FindAlert(code uint8) *Alert {
	for i := range Alerts {
		if Alerts[i].Code == code {
			return &Alerts[i]
		}
	}
	return nil
}
