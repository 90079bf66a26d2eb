package dev.jubelet.dockershim.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CreateBodyTest {
  private static final ApiVersion V41 = new ApiVersion(1, 41);
  private static final ApiVersion V44 = new ApiVersion(1, 44);
  private static final Mount PLAIN = new Mount("/s", "/t", true, false, "rslave", false);

  private static JsonNode host(ApiVersion api, Mount... mounts) throws DockerException {
    return body(api, mounts).path("HostConfig");
  }

  private static JsonNode body(ApiVersion api, Mount... mounts) throws DockerException {
    return Json.MAPPER.readTree(CreateBody.create(Containers.of("busybox:1", mounts), api));
  }

  @Test
  void leavesNothingToTheEnginesDefaults() throws Exception {
    JsonNode body = body(V41);
    JsonNode host = body.path("HostConfig");
    assertThat(host.path("Init").toString()).isEqualTo("false");
    assertThat(host.at("/RestartPolicy/Name").asString()).isEqualTo("no");
    assertThat(host.path("CgroupnsMode").asString()).isEqualTo("private");
    assertThat(host.path("IpcMode").asString()).isEqualTo("private");
    assertThat(host.path("ShmSize").asLong()).isEqualTo(67_108_864);
    assertThat(host.path("OomScoreAdj").asInt()).isEqualTo(5);
    assertThat(host.path("LogConfig").toString())
        .isEqualTo("{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"4m\"}}");
    assertThat(body.path("Healthcheck").toString()).isEqualTo("{\"Test\":[\"NONE\"]}");
  }

  @Test
  void anEmptyMaskMasksNothingAndNullKeepsDockers() throws Exception {
    JsonNode host = host(V41);
    assertThat(host.path("MaskedPaths").isArray()).isTrue();
    assertThat(host.path("MaskedPaths")).isEmpty();
    assertThat(host.has("ReadonlyPaths")).isFalse();
  }

  @Test
  void bindsAreMountsThatNeverMakeTheirSource() throws Exception {
    assertThat(host(V41, PLAIN).path("Mounts").toString())
        .isEqualTo("[{\"Type\":\"bind\",\"Source\":\"/s\",\"Target\":\"/t\",\"ReadOnly\":true,"
            + "\"BindOptions\":{\"Propagation\":\"rslave\"}}]");
    assertThat(host(V44, PLAIN).at("/Mounts/0/BindOptions/ReadOnlyNonRecursive").asBoolean())
        .isTrue();
  }

  @Test
  void recursiveReadOnlyNeedsItsApi() throws Exception {
    Mount deep = new Mount("/s", "/t", true, true, "rprivate", false);
    assertThat(
            host(V44, deep).at("/Mounts/0/BindOptions/ReadOnlyForceRecursive").asBoolean())
        .isTrue();
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(() -> host(V41, deep))
        .withMessageContaining("/t")
        .withMessageContaining("1.44");
  }

  @Test
  void relabellingNeedsTheTextForm() throws Exception {
    Mount labelled = new Mount("/s", "/t", true, false, "rprivate", true);
    assertThat(host(V41, labelled).path("Binds").toString()).isEqualTo("[\"/s:/t:ro,Z,rprivate\"]");
    assertThatExceptionOfType(DockerException.class)
        .isThrownBy(() -> host(V41, new Mount("/s:x", "/t", true, false, "rprivate", true)))
        .withMessageContaining("colon");
  }

  @Test
  void portsAreExposedAndBound() throws Exception {
    JsonNode body = body(V41);
    assertThat(body.path("ExposedPorts").toString()).isEqualTo("{\"80/tcp\":{},\"53/udp\":{}}");
    assertThat(body.at("/HostConfig/PortBindings").toString())
        .isEqualTo("{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8080\"},"
            + "{\"HostIp\":\"\",\"HostPort\":\"8081\"}]}");
  }

  @Test
  void updateCarriesOnlyWhatIsSet() {
    byte[] body = CreateBody.update(new Resources(2, 0, 0, 0, -1, "", "0"));
    assertThat(new String(body, StandardCharsets.UTF_8))
        .isEqualTo("{\"CpuShares\":2,\"MemorySwap\":-1,\"CpusetMems\":\"0\"}");
  }
}
