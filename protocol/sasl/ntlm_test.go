package sasl

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"testing"
)

// The challenge of [MS-NLMP] §4.2.4.3, and its target information.
const (
	ntlmTestChallenge = "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef0000000000000000240024004400000006007017" +
		"0000000f53006500720076006500720002000c0044006f006d00610069006e0001000c0053006500720076006500720000000000"
	ntlmTestInfo = "02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ntlmField reads what a field of an AUTHENTICATE_MESSAGE points to.
func ntlmField(b []byte, at int) []byte {
	start := binary.LittleEndian.Uint32(b[at+4:])
	return b[start : start+uint32(binary.LittleEndian.Uint16(b[at:]))]
}

// TestNTLMVectors holds the steps to [MS-NLMP] §4.2.4: user "User", domain
// "Domain", password "Password", client challenge of eight 0xAA, time 0.
func TestNTLMVectors(t *testing.T) {
	if got := hex.EncodeToString(ntowfv2("User", "Domain", "Password")); got != "0c868a403bfd7a93a3001ef22ef02e3f" {
		t.Errorf("NTOWFv2 (§4.2.4.1.1) %s", got)
	}
	x, err := Start("NTLM", Credentials{User: `Domain\User`, Secret: "Password"}, Options{Random: bytes.Repeat([]byte{0xAA}, 8)})
	if err != nil {
		t.Fatal(err)
	}
	initial, ok := x.Initial()
	if !ok || hex.EncodeToString(initial) != "4e544c4d53535000010000000582880000000000000000000000000000000000" {
		t.Errorf("NEGOTIATE_MESSAGE %x", initial)
	}
	got, err := x.Next(unhex(t, ntlmTestChallenge))
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []struct {
		name string
		at   int
		want string
	}{
		{"LMv2 response (§4.2.4.2.1)", 12, "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"},
		{"NTLMv2 response (§4.2.4.2.2)", 20, "68cd0ab851e51c96aabc927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000" + ntlmTestInfo + "00000000"},
		{"domain", 28, "44006f006d00610069006e00"},
		{"user", 36, "5500730065007200"},
		{"workstation", 44, ""},
		{"session key", 52, ""},
	} {
		if value := hex.EncodeToString(ntlmField(got, field.at)); value != field.want {
			t.Errorf("%s\n got %s\nwant %s", field.name, value, field.want)
		}
	}
	if flags := binary.LittleEndian.Uint32(got[60:]); flags != 0x00888201 {
		t.Errorf("flags %08x", flags)
	}
	if _, err := x.Next(unhex(t, ntlmTestChallenge)); !errors.Is(err, ErrChallenge) {
		t.Errorf("a second challenge: %v", err)
	}
	if err := x.Done(); err != nil {
		t.Error(err)
	}
}

func TestNTLMChallenges(t *testing.T) {
	base := unhex(t, ntlmTestChallenge)
	edited := func(edit func(b []byte) []byte) []byte { return edit(bytes.Clone(base)) }
	put := func(at int, octets ...byte) []byte {
		return edited(func(b []byte) []byte { copy(b[at:], octets); return b })
	}
	for name, b := range map[string][]byte{
		"empty":               nil,
		"text":                []byte("NTLM supported"),
		"cut in the header":   base[:31],
		"cut before the info": base[:47],
		"cut in the info":     base[:len(base)-1],
		"other type":          put(8, 3),
		"no Unicode":          put(20, 0x32),
		"info outside":        put(44, 0xff, 0xff, 0xff, 0xff),
		"info without end":    put(40, 0x20),
		"pair outside info":   put(0x44+2, 0xff, 0xff),
	} {
		c, o := usual()
		x, err := Start("NTLM", c, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Next(b); !errors.Is(err, ErrChallenge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNTLMTimestamp: the server's clock goes into the response, and with it the
// LMv2 response is all zeros ([MS-NLMP] §3.1.5.1.2).
func TestNTLMTimestamp(t *testing.T) {
	b := unhex(t, ntlmTestChallenge)
	b = append(b[:len(b)-4], unhex(t, "070008000102030405060708"+"00000000")...)
	b[40] += 12
	c, o := usual()
	x, err := Start("NTLM", c, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Next(b)
	if err != nil {
		t.Fatal(err)
	}
	if lm := ntlmField(got, 12); !bytes.Equal(lm, make([]byte, 24)) {
		t.Errorf("LM %x", lm)
	}
	if nt := ntlmField(got, 20); hex.EncodeToString(nt[24:32]) != "0102030405060708" {
		t.Errorf("NT %x", nt)
	}
}
