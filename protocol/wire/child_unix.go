//go:build !windows

package wire

import (
	"os/exec"
	"syscall"
)

// apart makes a command the head of a group of its own, so that Ctrl-C at the
// terminal is not for it, and that what it starts can be ended with it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends a command and what it started.
func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
