package source

// KillBefore returns a machine whose process is killed before the call with this number.
func KillBefore(call int) *machine { return &machine{kill: call} }

// Alive reports whether the process made fewer calls than it takes to be killed.
func (m *machine) Alive() bool { return m.calls < m.kill }

// Dir returns a source on this machine.
func (m *machine) Dir(root, region string) Source {
	d := Dir(root, region, nil)
	d.open = m.folder
	return d
}

// JSONL returns a source on this machine.
func (m *machine) JSONL(file, region string) Source {
	l := JSONL(file, region, nil)
	l.open = m.folder
	return l
}
