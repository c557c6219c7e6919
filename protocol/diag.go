package protocol

// Severity says how bad a finding is, and so what becomes of the line.
type Severity uint8

const (
	// Hint is something to learn; the line counts as correct.
	Hint Severity = iota
	// Warning marks what is sent although it is doubtful: outside the grammar
	// but widely taken, obsolete, out of order, or not offered by the server.
	Warning
	// Error breaks the grammar; the line is held until the user decides.
	Error
)

// String names the severity in one lower-case word.
func (s Severity) String() string {
	switch s {
	case Hint:
		return "hint"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "unknown"
}

// Diag is one piece of advice about a command line.
type Diag struct {
	ID       string   // stable name, a row of the Advice table: "colon-missing"
	Severity Severity // what becomes of the line
	Start    int      // first byte of the line that is meant
	End      int      // byte behind the last one; Start == End marks a gap
	Message  string   // one sentence for a beginner, without a final stop
	Ref      Ref      // where the rule stands
	Fix      string   // the whole corrected line; "" when none is owed
	Then     []string // lines to offer after Fix was sent (further recipients)
}

// Worst is the highest severity among diags, and Hint for none.
func Worst(diags []Diag) Severity {
	worst := Hint
	for _, d := range diags {
		worst = max(worst, d.Severity)
	}
	return worst
}
