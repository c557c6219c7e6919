package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"smtpsh/protocol/wire"
	"smtpsh/shell/view"
)

// keyLog is the file that takes the secrets of TLS sessions, for Wireshark. It
// is opened for the first handshake: a session in plaintext has no keys, and
// leaves no file.
type keyLog struct {
	name string // "" for none
	file *os.File
	told bool // that it cannot be written, or that it gives the sessions away
}

// errNotRegular is when the name of a key log leads to something that keys
// must not be written to: a link that leads elsewhere, a device, a pipe.
var errNotRegular = errors.New("keys are written to regular files only")

// setKeyLog looks at the name at once, so that a wrong one is told now and not
// after the session that was to be recorded.
func setKeyLog(sh *Shell, value string) string {
	if value = fileName(value); value != "" {
		if err := mayHoldKeys(value); err != nil {
			return "tls-keylog: " + err.Error()
		}
	}
	sh.tls.keys.close()
	sh.tls.keys = keyLog{name: value}
	return ""
}

func mayHoldKeys(name string) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		_, err = os.Stat(filepath.Dir(name))
		return err
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: %w", name, errNotRegular)
	}
	return nil
}

// open makes the file, for nobody else to read, or adds to the one that is
// there. What lies under the name may have changed since it was looked at, so
// it is looked at again once it is open.
func (k *keyLog) open() error {
	before, err := os.Lstat(k.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		k.file, err = os.OpenFile(k.name, os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o600)
		return err
	case err != nil:
		return err
	case !before.Mode().IsRegular():
		return fmt.Errorf("%s: %w", k.name, errNotRegular)
	}
	file, err := os.OpenFile(k.name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	now, err := file.Stat()
	if err == nil && !os.SameFile(before, now) {
		err = fmt.Errorf("%s: %w", k.name, errNotRegular)
	}
	if err == nil {
		err = file.Chmod(0o600)
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	k.file = file
	return nil
}

func (k *keyLog) close() {
	if k.file != nil {
		_ = k.file.Close()
		k.file = nil
	}
}

// logKeys has the next handshake write its secrets down, in the key log and in
// captures, where that is wished, and says of the log so once. That it cannot is no reason to give the handshake up.
func (sh *Shell) logKeys(s *wire.Security) {
	k := &sh.tls.keys
	if k.name != "" && k.file == nil && !k.told {
		if err := k.open(); err != nil {
			k.told = true
			sh.note(view.Bad, "No keys are logged: "+err.Error())
		}
	}
	if k.file == nil {
		s.KeyLog = sh.hub.records.keys(nil)
		return
	}
	s.KeyLog = sh.hub.records.keys(k.file)
	if !k.told {
		k.told = true
		sh.note(view.Caution, "The keys of this session go to "+k.name+": whoever has that file can decrypt it.")
	}
}
