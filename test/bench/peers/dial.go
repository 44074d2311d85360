// Dials with Go's net.Dialer and its own resolver (no C), a goroutine for each dial that runs at the same time. What it
// does and prints stands in bench_run.hpp.
//
//	go PATTERN PORT N CONCURRENCY
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type work struct {
	pattern string
	port    string
	dials   int64
	atOnce  int
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, "go:", text)
	os.Exit(1)
}

func number(text string, most int) int {
	value, err := strconv.Atoi(text)
	if err != nil || value <= 0 || value > most {
		fail(fmt.Sprintf("not a number of 1..%d: %q", most, text))
	}
	return value
}

func workFrom(words []string) work {
	if len(words) != 4 {
		fail("usage: go PATTERN PORT N CONCURRENCY")
	}
	if strings.Count(words[0], "%") != strings.Count(words[0], "%d") || strings.Count(words[0], "%") > 1 {
		fail(fmt.Sprintf("a pattern has one %%d and no other %%: %q", words[0]))
	}
	number(words[1], 65535)
	return work{words[0], words[1], int64(number(words[2], 10_000_000)), number(words[3], 10_000_000)}
}

func (wanted work) target(index int64) string {
	host := strings.Replace(wanted.pattern, "%d", strconv.FormatInt(index, 10), 1)
	return net.JoinHostPort(host, wanted.port)
}

func raiseDescriptorLimit() {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		fail("getrlimit: " + err.Error())
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		fail("setrlimit: " + err.Error())
	}
}

func usedUntilNow() (cpu time.Duration, kilobytes int64) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		fail("getrusage: " + err.Error())
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), used.Maxrss
}

// Like the other programs: without the messages that Go has the system send on idle connections by itself.
func dialer() *net.Dialer {
	resolver := &net.Resolver{PreferGo: true}
	if server := os.Getenv("BENCH_DNS"); server != "" {
		toServer := &net.Dialer{}
		resolver.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return toServer.DialContext(ctx, network, server)
		}
	}
	return &net.Dialer{Resolver: resolver, KeepAlive: -1}
}

// Resets what it connects. Go has set TCP_NODELAY by itself.
func dial(with *net.Dialer, target string) error {
	connection, err := with.Dial("tcp", target)
	if err != nil {
		return err
	}
	if err := connection.(*net.TCPConn).SetLinger(0); err != nil {
		return err
	}
	return connection.Close()
}

// What went wrong, without the name and the address that differ each time.
func kindOf(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		if dns.IsTimeout {
			return "dns: timeout"
		}
		return "dns: " + dns.Err
	}
	var system syscall.Errno
	if errors.As(err, &system) {
		return system.Error()
	}
	return err.Error()
}

type tally struct {
	lock     sync.Mutex
	failures map[string]int
}

func (all *tally) failed(err error) {
	all.lock.Lock()
	all.failures[kindOf(err)]++
	all.lock.Unlock()
}

func dialAll(wanted work, failures *tally) {
	with := dialer()
	var next int64
	var running sync.WaitGroup
	for i := 0; i < wanted.atOnce; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			for {
				index := atomic.AddInt64(&next, 1) - 1
				if index >= wanted.dials {
					return
				}
				if err := dial(with, wanted.target(index)); err != nil {
					failures.failed(err)
				}
			}
		}()
	}
	running.Wait()
}

func main() {
	wanted := workFrom(os.Args[1:])
	raiseDescriptorLimit()
	failures := tally{failures: map[string]int{}}
	start := time.Now()
	cpuStart, _ := usedUntilNow()
	dialAll(wanted, &failures)
	wall := time.Since(start).Seconds()
	cpu, kilobytes := usedUntilNow()
	failed := 0
	for kind, count := range failures.failures {
		failed += count
		fmt.Fprintf(os.Stderr, "go: %d %s\n", count, kind)
	}
	perDial := float64((cpu - cpuStart).Nanoseconds()) / 1e3 / float64(wanted.dials)
	fmt.Printf("go dials/s %.1f failed %d cpu_us/dial %.3f rss_kb %d wall %.6f\n",
		float64(wanted.dials)/wall, failed, perDial, kilobytes, wall)
}
