// The experiment on DBOS for Go.
//
//	peer measure     the two workflows WARMUP + N times; prints a line of JSON
//	peer fill        N workflows such as a program leaves behind
//
// Environment: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, N, WARMUP, SIZES
// (bytes, by commas), VARIANT:
//
//	bytes     []byte, the default serializer: base64 of JSON, in which it is base64
//	gob       []byte, the gob serializer: base64 of gob
//	portable  []byte, a portable workflow: base64 in a JSON string
package main

import (
	"context"
	"crypto/rand"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
)

const sdk = "github.com/dbos-inc/dbos-transact-golang"

var (
	sizes           []int
	total           int
	workflowOptions []dbos.WorkflowOption
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	must(err)
	return n
}

func random(size int) []byte {
	bytes := make([]byte, size)
	_, err := rand.Read(bytes)
	must(err)
	return bytes
}

func check(value []byte, size int) error {
	if len(value) != size {
		return fmt.Errorf("%d bytes instead of %d", len(value), size)
	}
	return nil
}

func milliseconds(since time.Time) float64 {
	return float64(time.Since(since).Nanoseconds()) / 1e6
}

// --- measure: the workflows return what their steps took, in ms, from the bytes in hand on

func timedStep(ctx dbos.Context, name string, size int) (float64, error) {
	raw := random(size)
	start := time.Now()
	value, err := dbos.RunAsStep(ctx, func(context.Context) ([]byte, error) { return raw, nil },
		dbos.WithStepName(name))
	ms := milliseconds(start)
	return ms, errors.Join(err, check(value, size))
}

func sizeWorkflow(ctx dbos.Context, _ string) ([]float64, error) {
	times := make([]float64, 0, len(sizes))
	for _, size := range sizes {
		ms, err := timedStep(ctx, "size_step", size)
		if err != nil {
			return nil, err
		}
		times = append(times, ms)
	}
	return times, nil
}

func batchSizeWorkflow(ctx dbos.Context, _ string) ([]float64, error) {
	ms, err := timedStep(ctx, "batch_size_step", total)
	return []float64{ms}, err
}

type samples struct {
	times [][]float64
	calls []float64
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == sdk {
				return "dbos-transact-golang " + module.Version
			}
		}
	}
	return "dbos-transact-golang"
}

func measure(ctx dbos.Context, variant string, n int) {
	var seven, batch samples
	warmup := number(env("WARMUP", "3"))
	run := func(workflow dbos.Workflow[string, []float64], s *samples, counts bool) {
		start := time.Now()
		handle, err := dbos.RunWorkflow(ctx, workflow, "", workflowOptions...)
		must(err)
		times, err := handle.GetResult()
		must(err)
		if counts {
			s.calls = append(s.calls, milliseconds(start))
			s.times = append(s.times, times)
		}
	}
	for k := range warmup + n {
		if k%2 == 0 {
			run(sizeWorkflow, &seven, k >= warmup)
			run(batchSizeWorkflow, &batch, k >= warmup)
		} else {
			run(batchSizeWorkflow, &batch, k >= warmup)
			run(sizeWorkflow, &seven, k >= warmup)
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"peer": "go", "sdk": version(), "variant": variant, "sizes": sizes,
		"seven_ms": seven.times, "batch_ms": batch.times,
		"seven_call_ms": seven.calls, "batch_call_ms": batch.calls,
	}))
}

// --- fill

func render(ctx dbos.Context, size int) ([]byte, error) {
	return dbos.RunAsStep(ctx, func(context.Context) ([]byte, error) { return random(size), nil },
		dbos.WithStepName("render"))
}

func charge(ctx dbos.Context, number int) error {
	_, err := dbos.RunAsStep(ctx, func(context.Context) (string, error) {
		return "", fmt.Errorf("card %d was declined", number)
	}, dbos.WithStepName("charge"))
	return err
}

func receipt(ctx dbos.Context, size int) ([]byte, error) {
	return render(ctx, size)
}

func order(ctx dbos.Context, number int) (string, error) {
	wanted := []int{1, 10, 100, 1000, 10000}[:number%5+1]
	if number%500 == 125 {
		wanted = append(wanted, 10_000_000)
	} else if number%250 == 125 {
		wanted = append(wanted, 1_000_000)
	}
	for _, size := range wanted {
		if _, err := render(ctx, size); err != nil {
			return "", err
		}
	}
	if number%10 == 3 {
		handle, err := dbos.RunWorkflow(ctx, receipt, 20_000, workflowOptions...)
		if err != nil {
			return "", err
		}
		if value, err := handle.GetResult(); err != nil || check(value, 20_000) != nil {
			return "", errors.Join(err, check(value, 20_000))
		}
	}
	if number%20 == 7 && charge(ctx, number) != nil {
		return "declined", nil
	}
	if number%25 == 9 {
		if err := charge(ctx, number); err != nil {
			return "", err
		}
	}
	return "shipped", nil
}

func fill(ctx dbos.Context, n int) {
	for number := range n {
		handle, err := dbos.RunWorkflow(ctx, order, number, workflowOptions...)
		must(err)
		_, _ = handle.GetResult() // some are to fail
	}
}

func main() {
	for _, text := range strings.Split(env("SIZES", "1,10,100,1000,10000,100000,1000000"), ",") {
		sizes = append(sizes, number(text))
		total += number(text)
	}
	address := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(os.Getenv("PGUSER"), os.Getenv("PGPASSWORD")),
		Host:   os.Getenv("PGHOST") + ":" + os.Getenv("PGPORT"),
		Path:   "/" + os.Getenv("PGDATABASE"),
	}
	config := dbos.Config{
		AppName:     "peers",
		DatabaseURL: address.String(),
		Logger:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	variant := env("VARIANT", "portable")
	switch variant {
	case "bytes":
	case "gob":
		gob.Register([]byte{})
		gob.Register([]float64{})
		config.Serializer = dbos.NewGobSerializer()
	case "portable":
		workflowOptions = append(workflowOptions, dbos.WithPortableWorkflow())
	default:
		must(fmt.Errorf("no variant %q", variant))
	}
	ctx, err := dbos.NewContext(context.Background(), config)
	must(err)
	dbos.RegisterWorkflow(ctx, sizeWorkflow, dbos.WithWorkflowName("size_workflow"))
	dbos.RegisterWorkflow(ctx, batchSizeWorkflow, dbos.WithWorkflowName("batch_size_workflow"))
	dbos.RegisterWorkflow(ctx, receipt, dbos.WithWorkflowName("receipt"))
	dbos.RegisterWorkflow(ctx, order, dbos.WithWorkflowName("order"))
	must(dbos.Launch(ctx))

	n := number(env("N", "10"))
	switch what := os.Args[1]; what {
	case "measure":
		measure(ctx, variant, n)
	case "fill":
		fill(ctx, n)
	default:
		must(fmt.Errorf("measure or fill, not %q", what))
	}
	dbos.Shutdown(ctx, 2*time.Second)
}
