package letter

import "strings"

// lines makes every line end in "\n".
func lines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// join puts the texts of a mail one below the other.
func join(texts []string) string {
	var kept []string
	for _, t := range texts {
		if t = strings.Trim(t, "\n"); strings.TrimSpace(t) != "" {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, "\n\n")
}

// unflow joins the lines that a program broke (RFC 3676): those that end in a blank flow into the
// next one, when both are quoted as deeply. The line above a signature never does.
func unflow(s string, delSp bool) string {
	var out []string
	depth, open := 0, false
	for _, line := range strings.Split(s, "\n") {
		n := 0
		for n < len(line) && line[n] == '>' {
			n++
		}
		text := strings.TrimPrefix(line[n:], " ") // stuffed
		signature := text == "-- "
		if open && n == depth && !signature {
			out[len(out)-1] += text
		} else {
			if n > 0 {
				text = strings.Repeat(">", n) + " " + text
			}
			out = append(out, text)
		}
		depth, open = n, strings.HasSuffix(line, " ") && !signature
		if last := &out[len(out)-1]; open && delSp {
			*last = strings.TrimSuffix(*last, " ")
		} else if !open && !signature {
			*last = strings.TrimRight(*last, " ")
		}
	}
	return strings.Join(out, "\n")
}
