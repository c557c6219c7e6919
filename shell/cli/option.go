package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/shell"
)

// addOptionFlags gives the command a flag for each option of the shell that
// is one, and has it put its value into named.
func addOptionFlags(cmd *cobra.Command, named map[string]string) {
	for _, o := range shell.Options() {
		if !o.Flag {
			continue
		}
		flag := cmd.Flags().VarPF(&optionFlag{o, named}, o.Name, "", o.Help)
		if o.Arg == onOff {
			flag.NoOptDefVal = onOff // --NAME alone turns it on, and the help shows what it may be
		}
		if o.Values != nil && o.Arg != "FILE" { // for a file the shell's own completion is best
			_ = cmd.RegisterFlagCompletionFunc(o.Name, cobra.FixedCompletions(o.Values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
}

// onOff is the argument of an option that is a switch.
const onOff = "on|off"

// passwordFlags are what people expect, and why they get something else.
func passwordFlags(cmd *cobra.Command) {
	for _, name := range []string{"password", "auth-password", "pass"} {
		cmd.Flags().VarPF(refusedPassword{}, name, "", "").Hidden = true
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		if errors.Is(err, errPassword) {
			return errPassword // without the value, which the library's error repeats
		}
		return err
	})
}

// errPassword is when somebody gives a password on the command line.
var errPassword = errors.New("a password on the command line shows in the process list and stays in the shell's history; " +
	":auth asks for it, or use --auth-password-file, --auth-password-env, --auth-password-command or ~/.netrc")

// refusedPassword is a flag that takes no password.
type refusedPassword struct{}

func (refusedPassword) Set(string) error { return errPassword }
func (refusedPassword) String() string   { return "" }
func (refusedPassword) Type() string     { return "" }

// optionFlag is an option of the shell as pflag wants one.
type optionFlag struct {
	shell.Option
	named map[string]string
}

func (f *optionFlag) Set(value string) error {
	if value == onOff {
		value = "on"
	}
	f.named[f.Name] = value
	return nil
}

func (f *optionFlag) String() string { return "" }

// Type is what --help shows for the value. That of a switch may be left out,
// and is joined to the name by "=": see NoOptDefVal.
func (f *optionFlag) Type() string {
	if f.Arg == onOff {
		return ""
	}
	return f.Arg
}

// switchValue is when "on" or "off" stands where the target belongs.
func switchValue(args []string) error {
	if len(args) > 0 && (args[0] == "on" || args[0] == "off") {
		return fmt.Errorf("%w: %q is no target: the value of a switch is joined to it, as in --show-secrets=%s", errUsage, args[0], args[0])
	}
	return nil
}

// setOptions hands the shell what the flags and the environment said, in the
// order of its table.
func setOptions(sh *shell.Shell, named map[string]string) error {
	if file := os.Getenv("SSLKEYLOGFILE"); file != "" {
		if _, given := named["tls-keylog"]; !given {
			if err := sh.Set("tls-keylog", file); err != nil { // it is set for every program, and none should fail for it
				sh.Warn("SSLKEYLOGFILE: no keys are logged: " + strings.TrimPrefix(err.Error(), "tls-keylog: "))
			}
		}
	}
	if _, cert := named["tls-cert"]; !cert && named["tls-key"] != "" {
		return fmt.Errorf("%w: --tls-key is the key of a client certificate, and --tls-cert, which names that, is missing", errUsage)
	}
	for _, o := range shell.Options() {
		value, given := named[o.Name]
		if !given {
			continue
		}
		if err := o.Apply(sh, value); err != nil {
			why := strings.TrimPrefix(err.Error(), o.Name+": ") // the shell names the option too
			if strings.HasPrefix(why, o.Name+` "`) {            // and the value, as it may be shown
				return fmt.Errorf("%w: --%s", errUsage, why)
			}
			if rest, ok := strings.CutPrefix(why, o.Name+" "); ok {
				why = "it " + rest
			}
			return fmt.Errorf("%w: --%s %q: %s", errUsage, o.Name, value, why)
		}
	}
	return nil
}
