package wire

import (
	"os/exec"
	"syscall"
)

// apart makes a command the head of a group of its own, so that Ctrl-C at the
// terminal is not for it.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// kill ends a command. What it started sees its pipes closed.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
