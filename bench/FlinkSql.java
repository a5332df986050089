import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Runs scripts of Flink SQL in one process, each INSERT as a job of its own, until it is killed: the incumbent of the
 * benchmarks. Parallelism 1. A line of the form "-- conf: name=value" sets what Flink has in its configuration file.
 */
public class FlinkSql {
  private static final Pattern SETTING = Pattern.compile("(?is)SET\\s+'([^']*)'\\s*=\\s*'([^']*)'");

  public static void main(String[] files) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("rest.bind-port", "18100-18199");
    for (String file : files) {
      for (String line : Files.readAllLines(Path.of(file))) {
        if (line.startsWith("-- conf: ")) {
          String[] setting = line.substring("-- conf: ".length()).split("=", 2);
          configuration.setString(setting[0], setting[1]);
        }
      }
    }
    for (String file : files) {
      StreamTableEnvironment tables =
          StreamTableEnvironment.create(StreamExecutionEnvironment.createLocalEnvironment(1, configuration));
      for (String statement : statements(Files.readString(Path.of(file)))) {
        Matcher setting = SETTING.matcher(statement);
        if (setting.matches()) {
          tables.getConfig().set(setting.group(1), setting.group(2));
        } else {
          tables.executeSql(statement);
        }
      }
    }
    new CountDownLatch(1).await();
  }

  /** The statements of a script: what stands between semicolons that are neither in texts nor in comments. */
  private static List<String> statements(String script) {
    List<String> found = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < script.length(); i++) {
      char c = script.charAt(i);
      if (quote == 0 && script.startsWith("--", i)) {
        int end = script.indexOf('\n', i);
        i = end < 0 ? script.length() : end;
        statement.append('\n');
      } else if (quote == 0 && c == ';') {
        found.add(statement.toString().strip());
        statement.setLength(0);
      } else {
        quote = quote == 0 && (c == '\'' || c == '`') ? c : quote == c ? 0 : quote;
        statement.append(c);
      }
    }
    found.add(statement.toString().strip());
    found.removeIf(String::isEmpty);
    return found;
  }
}
