package cli

import "smtpsh/shell/term"

// quitRestored does nothing: there is no such signal.
func quitRestored(*term.Terminal) func() { return func() {} }
