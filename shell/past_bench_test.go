package shell

import (
	"testing"
	"time"

	"smtpsh/shell/view"
)

// BenchmarkRecord is what an exchange costs that is recorded: in the memory
// that :export has, and in each format. What a session pays for it is measured
// by "go run ./.bench -record".
func BenchmarkRecord(b *testing.B) {
	for _, what := range append([]string{"nothing", "past"}, formatNames()...) {
		b.Run(what, func(b *testing.B) {
			h := newHub("client.example", view.Tee{})
			sh := &Shell{hub: h}
			switch what {
			case "nothing":
			case "past":
				h.past.keep(keptPast)
			default:
				if err := h.records.begin(b.TempDir()+"/record", what, false, sh.recordOptions()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				exchange(h, time.Time{}, "NOOP")
			}
			if _, err := h.records.end(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
