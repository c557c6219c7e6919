package term

import "golang.org/x/sys/unix"

const (
	ioctlGet = unix.TCGETS
	ioctlSet = unix.TCSETS
	noKey    = 0 // _POSIX_VDISABLE
)
