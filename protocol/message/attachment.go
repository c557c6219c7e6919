package message

import (
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"
)

// Attachment is a file that goes with a message.
type Attachment struct {
	Name string // the file name that the recipient is offered, without a folder; "" for none
	Type string // its content type; "" to go by the extension of the name
	Size int64  // octets, where they are known; else 0. Measure reads no attachment whose size it knows

	// Open gives the octets. It is called anew for each time that the message
	// is written; what it returns is read to its end and closed.
	Open func() (io.ReadCloser, error)
}

// contentTypes are the types of common files by their extension. A machine's
// own list is not asked, so that one message is the same everywhere. There is
// no row for .eml: message/rfc822 may not be encoded (RFC 2046 §5.2.1).
var contentTypes = map[string]string{
	".txt": "text/plain", ".log": "text/plain", ".csv": "text/csv", ".htm": "text/html", ".html": "text/html", ".css": "text/css",
	".md": "text/markdown", ".ics": "text/calendar", ".vcf": "text/vcard", ".js": "text/javascript", ".patch": "text/x-patch", ".diff": "text/x-patch",
	".json": "application/json", ".xml": "application/xml", ".pdf": "application/pdf", ".rtf": "application/rtf", ".epub": "application/epub+zip",
	".zip": "application/zip", ".gz": "application/gzip", ".tgz": "application/gzip", ".tar": "application/x-tar", ".7z": "application/x-7z-compressed",
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet", ".odp": "application/vnd.oasis.opendocument.presentation",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".svg": "image/svg+xml", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
	".mp3": "audio/mpeg", ".wav": "audio/x-wav", ".ogg": "audio/ogg", ".flac": "audio/flac", ".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime",
}

// contentType is the attachment's own type, or that of its extension.
func (a Attachment) contentType() (string, error) {
	if a.Type != "" {
		if _, _, err := mime.ParseMediaType(a.Type); err != nil || isComposite(a.Type) || !isASCII(a.Type) || !strings.Contains(a.Type, "/") {
			return "", fmt.Errorf("%q: %w", a.Type, ErrType)
		}
		return a.Type, nil
	}
	if i := strings.LastIndexByte(a.Name, '.'); i >= 0 {
		if known := contentTypes[strings.ToLower(a.Name[i:])]; known != "" {
			return known, nil
		}
	}
	return "application/octet-stream", nil // RFC 2046 §4.5.1: octets of which no more is known
}

// head is the header of the attachment's part.
func (a Attachment) head() ([]byte, error) {
	contentType, err := a.contentType()
	if err == nil {
		err = checkText(a.Name + a.Type)
	}
	if err == nil && strings.Contains(a.Name, "\t") {
		err = ErrControl
	}
	if err != nil {
		return nil, fmt.Errorf("attachment %q: %w", a.Name, err)
	}
	h := head{}
	h.line("Content-Type", contentType)
	h.line("Content-Transfer-Encoding", string(base64Transfer))
	disposition := []string{"attachment"}
	if a.Name != "" {
		disposition = append(disposition, parameter("filename", a.Name)...)
	}
	for i := range len(disposition) - 1 {
		disposition[i] += ";"
	}
	h.fold("Content-Disposition", foldLine, disposition)
	return append(h.buf, "\r\n"...), h.err
}

// parameter writes a parameter of a MIME header: quoted where it is short
// ASCII, and else as UTF-8 in numbered pieces of whole characters (RFC 2231 §3
// and §4).
func parameter(name, value string) []string {
	const most = 60
	if isASCII(value) && len(value) <= most {
		return []string{name + "=" + quote(value)}
	}
	var pieces []string
	piece := "utf-8''"
	for _, r := range value {
		char := percent(string(r))
		if len(piece)+len(char) > most {
			pieces, piece = append(pieces, piece), ""
		}
		piece += char
	}
	pieces = append(pieces, piece)
	if len(pieces) == 1 {
		return []string{name + "*=" + piece}
	}
	for i := range pieces {
		pieces[i] = fmt.Sprintf("%s*%d*=%s", name, i, pieces[i])
	}
	return pieces
}

// percent writes what is no attribute-char in hexadecimal (RFC 2231 §7).
func percent(char string) string {
	if char[0] < utf8.RuneSelf && (isLetterOrDigit(char[0]) || strings.Contains("!#$&+-.^_`{|}~", char)) {
		return char
	}
	var w strings.Builder
	for i := range len(char) {
		fmt.Fprintf(&w, "%%%02X", char[i])
	}
	return w.String()
}

// write encodes what the attachment opens.
func (a Attachment) write(w io.Writer) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("attachment %q: %w", a.Name, err)
		}
	}()
	r, err := a.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	e := newBase64Writer(w)
	if _, err := io.Copy(e, r); err != nil {
		return err
	}
	return e.Close()
}
