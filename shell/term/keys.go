package term

// key is what a terminal sent: one key of the keyboard, a character, or a paste.
type key uint8

const (
	keyNone key = iota
	keyText
	keyPaste
	keyEnter
	keyInterrupt
	keyEOF
	keyTab
	keyEscape
	keyCancel
	keyLeft
	keyRight
	keyUp
	keyDown
	keyHome
	keyEnd
	keyWordLeft
	keyWordRight
	keyBackspace
	keyDelete
	keyKillEnd
	keyKillStart
	keyKillWord
	keyKillWordBack
	keyKillBlankBack
	keyYank
	keyTranspose
	keyUndo
	keyClear
	keySearchBack
	keySearchForward
	keySuspend
)

// controlKeys maps the bytes below 0x20 and DEL. Those left out do nothing: NUL (Ctrl-Space) ends a line in readline,
// and Ctrl-O, Q, V, X, \, ] and ^ would put invisible bytes into the command.
var controlKeys = map[byte]key{
	0x01: keyHome,
	0x02: keyLeft,
	0x03: keyInterrupt,
	0x04: keyEOF,
	0x05: keyEnd,
	0x06: keyRight,
	0x07: keyCancel,
	0x08: keyBackspace,
	0x09: keyTab,
	0x0a: keyEnter,
	0x0b: keyKillEnd,
	0x0c: keyClear,
	0x0d: keyEnter,
	0x0e: keyDown,
	0x10: keyUp,
	0x12: keySearchBack,
	0x13: keySearchForward,
	0x14: keyTranspose,
	0x15: keyKillStart,
	0x17: keyKillBlankBack,
	0x19: keyYank,
	0x1a: keySuspend,
	0x1f: keyUndo,
	0x7f: keyBackspace,
}

// altKeys maps what follows an ESC where that is neither [ nor O.
var altKeys = map[byte]key{
	'b': keyWordLeft, 'B': keyWordLeft,
	'f': keyWordRight, 'F': keyWordRight,
	'd': keyKillWord, 'D': keyKillWord,
	0x08: keyKillWordBack,
	0x7f: keyKillWordBack,
}

// finalKeys maps the last byte of CSI and SS3 sequences.
var finalKeys = map[byte]key{
	'A': keyUp, 'B': keyDown, 'C': keyRight, 'D': keyLeft, 'H': keyHome, 'F': keyEnd,
}

// wordKeys maps the same with Ctrl or Alt held.
var wordKeys = map[byte]key{
	'C': keyWordRight, 'D': keyWordLeft,
}

// tildeKeys maps the number in CSI number ~. tmux and the Linux console send 1 and 4, rxvt 7 and 8.
var tildeKeys = map[string]key{
	"1": keyHome, "7": keyHome, "4": keyEnd, "8": keyEnd, "3": keyDelete,
}
