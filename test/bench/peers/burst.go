// The same burst of dials as bench_burst.cpp, with Go's own dialer and resolver.
//
//	burst [-same] DNS-PORT TCP-PORT N CONCURRENCY
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil || value <= 0 {
		fmt.Fprintf(os.Stderr, "burst: not a number above 0: %q\n", text)
		os.Exit(2)
	}
	return value
}

func raiseDescriptorLimit() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			fmt.Fprintln(os.Stderr, "burst:", err)
		}
	}
}

func cpu() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// What went wrong, without the name and the address that differ each time.
func kindOf(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "dns: " + dns.Err
	}
	var system syscall.Errno
	if errors.As(err, &system) {
		return system.Error()
	}
	return err.Error()
}

func main() {
	words := os.Args[1:]
	same := len(words) > 0 && words[0] == "-same"
	if same {
		words = words[1:]
	}
	if len(words) != 4 {
		fmt.Fprintln(os.Stderr, "usage: burst [-same] DNS-PORT TCP-PORT N CONCURRENCY")
		os.Exit(2)
	}
	server := "127.0.0.1:" + words[0]
	port, dials, atOnce := words[1], number(words[2]), number(words[3])
	raiseDescriptorLimit()

	toServer := net.Dialer{}
	dialer := net.Dialer{Timeout: 30 * time.Second, Resolver: &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return toServer.DialContext(ctx, network, server)
		},
	}}

	var next, failed int64
	var lock sync.Mutex
	failures := map[string]int{}
	// A name that ends in a dot is not completed by the machine's search list.
	dial := func(index int64) {
		host := "b.test."
		if !same {
			host = "b" + strconv.FormatInt(index, 10) + ".test."
		}
		connection, err := dialer.Dial("tcp", net.JoinHostPort(host, port))
		if err != nil {
			atomic.AddInt64(&failed, 1)
			lock.Lock()
			failures[kindOf(err)]++
			lock.Unlock()
			return
		}
		_ = connection.(*net.TCPConn).SetLinger(0) // closing resets
		_ = connection.Close()
	}

	start, cpuStart := time.Now(), cpu()
	var running sync.WaitGroup
	for i := 0; i < atOnce; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			for index := atomic.AddInt64(&next, 1) - 1; index < int64(dials); index = atomic.AddInt64(&next, 1) - 1 {
				dial(index)
			}
		}()
	}
	running.Wait()
	wall, used := time.Since(start), cpu()-cpuStart
	fmt.Printf("go wall_s %.3f failed %d cpu_us_per_dial %.1f longest_turn_us -\n", wall.Seconds(), failed,
		float64(used.Microseconds())/float64(dials))
	for kind, count := range failures {
		fmt.Fprintf(os.Stderr, "go: %d %s\n", count, kind)
	}
}
