import dev.dbos.transact.DBOS;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Workflow;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.StringJoiner;

/**
 * The experiment on DBOS for Java.
 *
 * <pre>
 *   Peer measure     the two workflows WARMUP + N times; prints a line of JSON
 *   Peer fill        N workflows such as a program leaves behind
 * </pre>
 *
 * Environment: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, N, WARMUP, SIZES (bytes, by commas),
 * VARIANT:
 *
 * <ul>
 *   <li>bytes: byte[], the default serializer: base64 in JSON with class names
 *   <li>base64: base64 text, the default serializer
 * </ul>
 */
public class Peer {
  static final String VARIANT = env("VARIANT", "bytes");
  static final int N = Integer.parseInt(env("N", "10"));
  static final int WARMUP = Integer.parseInt(env("WARMUP", "20"));
  static final int[] SIZES =
      Arrays.stream(env("SIZES", "1,10,100,1000,10000,100000,1000000").split(","))
          .mapToInt(Integer::parseInt)
          .toArray();
  static final int TOTAL = Arrays.stream(SIZES).sum();
  static final SecureRandom RANDOM = random();

  static String env(String name, String otherwise) {
    var value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  static SecureRandom random() {
    try {
      return SecureRandom.getInstance("NativePRNGNonBlocking");
    } catch (NoSuchAlgorithmException e) {
      return new SecureRandom();
    }
  }

  static byte[] bytes(int size) {
    var bytes = new byte[size];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  static Object valueOf(byte[] bytes) {
    return VARIANT.equals("base64") ? Base64.getEncoder().encodeToString(bytes) : bytes;
  }

  static void check(Object value, int size) {
    int length = (value instanceof String s ? Base64.getDecoder().decode(s) : (byte[]) value).length;
    if (length != size) throw new IllegalStateException(length + " bytes instead of " + size);
  }

  public static class Declined extends RuntimeException {
    public Declined(String message) {
      super(message);
    }
  }

  public interface Workflows {
    String sizeWorkflow();

    String batchSizeWorkflow();

    Object receipt(int size);

    String order(int number);
  }

  public static class WorkflowsImpl implements Workflows {
    private final DBOS dbos;
    private Workflows self;

    WorkflowsImpl(DBOS dbos) {
      this.dbos = dbos;
    }

    // measure: the workflows return what their steps took, in ms, by commas, from the bytes in
    // hand on

    @Override
    @Workflow(name = "size_workflow")
    public String sizeWorkflow() {
      var times = new StringJoiner(",");
      for (int size : SIZES) {
        byte[] raw = bytes(size);
        long start = System.nanoTime();
        Object value = dbos.runStep(() -> valueOf(raw), "size_step");
        times.add(milliseconds(start));
        check(value, size);
      }
      return times.toString();
    }

    @Override
    @Workflow(name = "batch_size_workflow")
    public String batchSizeWorkflow() {
      byte[] raw = bytes(TOTAL);
      long start = System.nanoTime();
      Object value = dbos.runStep(() -> valueOf(raw), "batch_size_step");
      String ms = milliseconds(start);
      check(value, TOTAL);
      return ms;
    }

    // fill

    private Object render(int size) {
      return dbos.runStep(() -> valueOf(bytes(size)), "render");
    }

    private void charge(int number) {
      dbos.runStep(
          () -> {
            throw new Declined("card " + number + " was declined");
          },
          "charge");
    }

    @Override
    @Workflow(name = "receipt")
    public Object receipt(int size) {
      return render(size);
    }

    @Override
    @Workflow(name = "order")
    public String order(int number) {
      for (int size = 1, i = 0; i <= number % 5; size *= 10, i++) render(size);
      if (number % 250 == 125) render(number % 500 == 125 ? 10_000_000 : 1_000_000);
      if (number % 10 == 3) check(self.receipt(20_000), 20_000);
      if (number % 20 == 7) {
        try {
          charge(number);
        } catch (Declined e) {
          return "declined";
        }
      }
      if (number % 25 == 9) charge(number);
      return "shipped";
    }
  }

  static String milliseconds(long start) {
    return Double.toString((System.nanoTime() - start) / 1e6);
  }

  static void measure(Workflows workflows) {
    var times = new StringJoiner[] {new StringJoiner(",", "[", "]"), new StringJoiner(",", "[", "]")};
    var calls = new StringJoiner[] {new StringJoiner(",", "[", "]"), new StringJoiner(",", "[", "]")};
    for (int k = 0; k < WARMUP + N; k++) {
      for (int half = 0; half < 2; half++) {
        int which = (k + half) % 2;
        long start = System.nanoTime();
        String result = which == 0 ? workflows.sizeWorkflow() : workflows.batchSizeWorkflow();
        String ms = milliseconds(start);
        if (k < WARMUP) continue;
        times[which].add("[" + result + "]");
        calls[which].add(ms);
      }
    }
    System.out.printf(
        "{\"peer\":\"java\",\"sdk\":\"dev.dbos:transact %s\",\"variant\":\"%s\",\"sizes\":%s,\"seven_ms\":%s,"
            + "\"batch_ms\":%s,\"seven_call_ms\":%s,\"batch_call_ms\":%s}%n",
        DBOS.version(), VARIANT, Arrays.toString(SIZES), times[0], times[1], calls[0], calls[1]);
    System.out.flush();
  }

  static void fill(Workflows workflows) {
    for (int number = 0; number < N; number++) {
      try {
        workflows.order(number);
      } catch (Declined e) {
        // some are to fail
      }
    }
  }

  public static void main(String[] args) {
    if (!VARIANT.equals("bytes") && !VARIANT.equals("base64"))
      throw new IllegalArgumentException("no variant \"" + VARIANT + "\"");
    var url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(env("PGHOST", ""), env("PGPORT", ""), env("PGDATABASE", ""));
    var dbos =
        new DBOS(
            DBOSConfig.defaults("peers")
                .withDatabaseUrl(url)
                .withDbUser(env("PGUSER", ""))
                .withDbPassword(env("PGPASSWORD", "")));
    var implementation = new WorkflowsImpl(dbos);
    var workflows = dbos.registerProxy(Workflows.class, implementation);
    implementation.self = workflows;
    dbos.launch();
    switch (args[0]) {
      case "measure" -> measure(workflows);
      case "fill" -> fill(workflows);
      default -> throw new IllegalArgumentException("measure or fill, not \"" + args[0] + "\"");
    }
    dbos.shutdown();
    System.exit(0);
  }
}
