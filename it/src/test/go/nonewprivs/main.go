// A set-uid program for critest's NoNewPrivs specs: says whom the kernel made it run as.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Printf("Effective uid: %d\n", os.Geteuid())
}
