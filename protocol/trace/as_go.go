package trace

import "strings"

// goLogins are the statements of a login by the functions of goHead.
var goLogins = map[string]string{
	"PLAIN": `	must(235, "AUTH PLAIN "+b64("\x00"+user+"\x00"+password))
`,
	"LOGIN": `	must(334, "AUTH LOGIN")
	must(334, b64(user))
	must(235, b64(password))
`,
	"CRAM-MD5": `	challenge, err := base64.StdEncoding.DecodeString(must(334, "AUTH CRAM-MD5"))
	check(err)
	mac := hmac.New(md5.New, []byte(password))
	mac.Write(challenge)
	must(235, b64(user+" "+hex.EncodeToString(mac.Sum(nil))))
`,
	"XOAUTH2": `	must(235, "AUTH XOAUTH2 "+b64("user="+user+"\x01auth=Bearer "+password+"\x01\x01"))
`,
	"OAUTHBEARER": `	must(235, "AUTH OAUTHBEARER "+b64("n,a="+user+",\x01auth=Bearer "+password+"\x01\x01"))
`,
}

const goFunctions = `
var c *textproto.Conn

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// reply reads one reply, and shows it.
func reply() (int, string) {
	code, text, err := c.ReadResponse(0)
	if _, negative := err.(*textproto.Error); !negative {
		check(err)
	}
	fmt.Printf("< %d %q\n", code, text)
	return code, text
}

// do sends a line, and shows it.
func do(line string) int {
	fmt.Printf("> %q\n", line)
	check(c.PrintfLine("%s", line))
	code, _ := reply()
	return code
}
`

// goSecret are the functions that a login needs.
const goSecret = `
// must sends a line that may be a secret, and wants that reply.
func must(want int, line string) string {
	check(c.PrintfLine("%s", line))
	code, text := reply()
	if code != want {
		log.Fatalf("the login failed: %d %q", code, text)
	}
	return text
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
`

// goImports are the packages that statements need, by what stands in these.
var goImports = []struct{ needle, path string }{
	{"hmac.", "crypto/hmac"}, {"md5.", "crypto/md5"}, {"tls.", "crypto/tls"}, {"base64.", "encoding/base64"}, {"hex.", "encoding/hex"},
	{"fmt.", "fmt"}, {"log.", "log"}, {"net.", "net"}, {"textproto.", "net/textproto"}, {"os.", "os"},
}

func (d *draft) golang() error {
	functions := goFunctions
	login := d.login()
	if login != "" {
		functions += goSecret
		login = "\tuser, password := os.Getenv(\"SMTP_USER\"), os.Getenv(\"SMTP_PASSWORD\")\n" + login
	}
	d.add("%s\nfunc main() {\n\tconn, err := net.Dial(\"tcp\", %s)\n\tcheck(err)\n", functions, quotedOctets([]byte(d.address())))
	d.goConnection()
	d.goDo(d.Greeting)
	d.text.WriteString(login)
	d.goEnvelope()
	d.goMessage()
	d.goDo("QUIT")
	if d.Verb != "" {
		d.add("\tif refused {\n\t\tlog.Fatal(\"the message was refused\")\n\t}\n")
	}
	d.add("}\n")
	body := d.text.String()
	needs := functions + login + "net."
	if d.Security != InClear {
		needs += "tls."
	}
	d.text.Reset()
	d.add("package main\n\nimport (\n")
	for _, row := range goImports {
		if strings.Contains(needs, row.needle) {
			d.add("\t%q\n", row.path)
		}
	}
	d.add(")\n%s", body)
	return nil
}

func (d *draft) goDo(line string) {
	if line != "" {
		d.add("\tdo(%s)\n", quotedOctets([]byte(line)))
	}
}

// goConnection is what comes before the first command.
func (d *draft) goConnection() {
	if d.Security == FromStart {
		d.add("\tconn = tls.Client(conn, %s)\n", d.goConfig())
	}
	d.add("\tc = textproto.NewConn(conn)\n\treply()\n")
	if d.Security != ByStartTLS {
		return
	}
	d.goDo(d.Greeting)
	d.add("\tif do(\"STARTTLS\") != 220 {\n\t\tlog.Fatal(\"no TLS\")\n\t}\n\tc = textproto.NewConn(tls.Client(conn, %s))\n", d.goConfig())
}

// goConfig is the configuration of TLS.
func (d *draft) goConfig() string {
	config := "&tls.Config{ServerName: " + quotedOctets([]byte(d.TLSName))
	if !d.Verified {
		config += ", InsecureSkipVerify: true"
	}
	return config + "}"
}

func (d *draft) goEnvelope() {
	d.add("\tif do(%s) >= 400 {\n\t\tlog.Fatal(\"MAIL was refused\")\n\t}\n", quotedOctets([]byte(d.Mail)))
	if len(d.Rcpts) == 0 {
		return
	}
	d.add("\ttaken := 0\n\tfor _, line := range []string{\n")
	for _, r := range d.Rcpts {
		d.add("\t\t%s,\n", quotedOctets([]byte(r.Line)))
	}
	d.add("\t} {\n\t\tif do(line) < 400 {\n\t\t\ttaken++\n\t\t}\n\t}\n\tif taken == 0 {\n\t\tlog.Fatal(\"every RCPT was refused\")\n\t}\n")
}

func (d *draft) goMessage() {
	if d.Verb == "" {
		return
	}
	if d.Verb == "DATA" {
		d.add("\tif do(\"DATA\") != 354 {\n\t\tlog.Fatal(\"DATA was refused\")\n\t}\n")
	} else {
		d.add("\t_, err = c.W.WriteString(%s)\n\tcheck(err)\n", quotedOctets([]byte(d.opens()+"\r\n")))
	}
	d.add("\t_, err = c.W.WriteString(%s)\n\tcheck(err)\n\tcheck(c.W.Flush())\n", strings.TrimLeft(literal(d.content(), "\t\t", " +"), "\t"))
	d.add("\trefused := false\n\tfor range %s {\n\t\tcode, _ := reply()\n\t\trefused = refused || code >= 400\n\t}\n", d.replies())
}
