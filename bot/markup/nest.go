package markup

// event is a step in writing a line: formatting begins or ends, or a group of spans is written.
type event struct {
	open  style
	close style
	group []span // alike but for emoji
}

// nest orders a line's formatting so that what begins last ends first.
func nest(line []span) []event {
	const nested = bold | italic | strike
	var out []event
	var stack []style
	for i := 0; i < len(line); {
		want := line[i].style & nested
		keep := 0
		for keep < len(stack) && want&stack[keep] != 0 {
			keep++
		}
		for n := len(stack) - 1; n >= keep; n-- {
			out = append(out, event{close: stack[n]})
		}
		stack = stack[:keep]
		for _, s := range stack {
			want &^= s
		}
		for want != 0 { // the one that lasts longest goes outside
			best, longest := style(0), -1
			for _, s := range []style{bold, italic, strike} {
				if want&s == 0 {
					continue
				}
				n := 0
				for j := i; j < len(line) && line[j].style&s != 0; j++ {
					n++
				}
				if n > longest {
					best, longest = s, n
				}
			}
			stack = append(stack, best)
			out = append(out, event{open: best})
			want &^= best
		}
		j := i + 1
		for j < len(line) && line[j].style&^emoji == line[i].style&^emoji && line[j].link == line[i].link {
			j++
		}
		out = append(out, event{group: line[i:j]})
		i = j
	}
	for n := len(stack) - 1; n >= 0; n-- {
		out = append(out, event{close: stack[n]})
	}
	return out
}
