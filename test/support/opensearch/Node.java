import static org.codelibs.opensearch.runner.OpenSearchRunner.newConfigs;

import java.util.List;
import java.util.stream.IntStream;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * One node of an OpenSearch cluster on 127.0.0.1, in a process of its own so that it can be killed. Ends with its standard input.
 *
 * <p>Its words: its number, a directory of its own, and of each node HTTP_PORT:TRANSPORT_PORT.
 */
public final class Node {
    public static void main(String[] words) throws Exception {
        int number = Integer.parseInt(words[0]);
        List<String> ports = List.of(words).subList(2, words.length);
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((index, settings) -> {
            String[] own = ports.get(number).split(":");
            settings.put("node.name", nameOf(number));
            settings.put("http.port", own[0]);
            settings.put("transport.port", own[1]);
            settings.putList("discovery.seed_hosts", ports.stream().map(port -> "127.0.0.1:" + port.split(":")[1]).toList());
            settings.putList("cluster.initial_cluster_manager_nodes", IntStream.range(0, ports.size()).mapToObj(Node::nameOf).toList());
            // A disk that is nearly full says nothing of the tests.
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        runner.build(newConfigs().clusterName("tlsrpt-test").numOfNode(1).basePath(words[1]));
        while (System.in.read() >= 0);
        runner.close();
    }

    private static String nameOf(int number) {
        return "node-" + number;
    }
}
