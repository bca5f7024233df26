import org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner;

/** One node of Elasticsearch that may run pipelines, which the runner's own main does not allow. */
public class SearchNode {
  public static void main(String[] arguments) throws Exception {
    var runner = new ElasticsearchClusterRunner();
    runner.onBuild((number, settings) -> settings.putList("node.roles", "master", "data", "ingest"));
    runner.build(ElasticsearchClusterRunner.newConfigs().basePath(arguments[0]).numOfNode(1).useLogger());
    Thread.currentThread().join();
  }
}
