package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.Device;
import dev.jubelet.dockershim.docker.DockerApi.HostConfig;
import dev.jubelet.dockershim.docker.DockerApi.Mount;
import dev.jubelet.dockershim.docker.DockerApi.PortBinding;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON of create and update. What daemon.json could slip under a pod is written always:
/// Init, RestartPolicy, CgroupnsMode, IpcMode, LogConfig, ShmSize, OomScoreAdj, and health checks
/// off. Daemon default ulimits cannot be overridden so: the engine adds each of its names that a
/// request lacks, and no call tells which it has.
final class CreateBody {
  private static final long DEFAULT_SHM = 64L << 20;

  private CreateBody() {}

  static byte[] create(CreateContainer request, ApiVersion api) throws DockerException {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("Image", request.image());
    text(body, "Hostname", request.hostname());
    text(body, "Domainname", request.domainname());
    text(body, "User", request.user());
    text(body, "WorkingDir", request.workingDir());
    text(body, "StopSignal", request.stopSignal());
    texts(body, "Env", request.env());
    texts(body, "Entrypoint", request.entrypoint());
    texts(body, "Cmd", request.cmd());
    body.put("OpenStdin", request.openStdin());
    body.put("StdinOnce", request.stdinOnce());
    body.put("Tty", request.tty());
    map(body, "Labels", request.labels());
    body.putObject("Healthcheck").putArray("Test").add("NONE");
    HostConfig host = request.hostConfig();
    ports(body, host.portBindings());
    hostConfig(body.withObject("/HostConfig"), host, api);
    return Json.MAPPER.writeValueAsBytes(body);
  }

  static byte[] update(Resources resources) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    resources(body, resources);
    return Json.MAPPER.writeValueAsBytes(body);
  }

  private static void hostConfig(ObjectNode to, HostConfig host, ApiVersion api)
      throws DockerException {
    to.put("NetworkMode", host.networkMode());
    to.put("IpcMode", host.ipcMode());
    text(to, "PidMode", host.pidMode());
    text(to, "UTSMode", host.utsMode());
    @Nullable String cgroupns = host.cgroupnsMode();
    to.put("CgroupnsMode", cgroupns != null ? cgroupns : host.privileged() ? "host" : "private");
    text(to, "CgroupParent", host.cgroupParent());
    to.put("Init", false);
    to.putObject("RestartPolicy").put("Name", "no");
    ObjectNode log = to.putObject("LogConfig").put("Type", host.logDriver());
    ObjectNode logOptions = log.putObject("Config");
    host.logOptions().forEach(logOptions::put);
    mounts(to, host.mounts(), api);
    texts(to, "SecurityOpt", host.securityOpt());
    texts(to, "CapAdd", host.capAdd());
    texts(to, "CapDrop", host.capDrop());
    texts(to, "GroupAdd", host.groupAdd());
    map(to, "Sysctls", host.sysctls());
    to.put("Privileged", host.privileged());
    to.put("ReadonlyRootfs", host.readonlyRootfs());
    explicit(to, "MaskedPaths", host.maskedPaths());
    explicit(to, "ReadonlyPaths", host.readonlyPaths());
    to.put("OomScoreAdj", host.oomScoreAdj());
    resources(to, host.resources());
    devices(to, host.devices());
    to.put("ShmSize", host.shmSize() > 0 ? host.shmSize() : DEFAULT_SHM);
    text(to, "Runtime", host.runtime());
  }

  private static void resources(ObjectNode to, Resources resources) {
    number(to, "CpuShares", resources.cpuShares());
    number(to, "CpuPeriod", resources.cpuPeriod());
    number(to, "CpuQuota", resources.cpuQuota());
    number(to, "Memory", resources.memory());
    number(to, "MemorySwap", resources.memorySwap());
    text(to, "CpusetCpus", resources.cpusetCpus());
    text(to, "CpusetMems", resources.cpusetMems());
  }

  private static void mounts(ObjectNode to, List<Mount> mounts, ApiVersion api)
      throws DockerException {
    for (Mount mount : mounts) {
      if (mount.recursiveReadOnly() && !api.atLeast(ApiVersion.READ_ONLY_DEPTH)) {
        throw refused("recursive read-only mount " + mount.target() + " needs Docker API "
            + ApiVersion.READ_ONLY_DEPTH + ", the engine speaks " + api);
      }
      if (mount.selinuxRelabel()) {
        bind(to, mount);
      } else {
        mount(to, mount, api);
      }
    }
  }

  private static void mount(ObjectNode to, Mount mount, ApiVersion api) {
    ObjectNode node = to.withArray("/Mounts")
        .addObject()
        .put("Type", "bind")
        .put("Source", mount.source())
        .put("Target", mount.target())
        .put("ReadOnly", mount.readOnly());
    ObjectNode options = node.putObject("BindOptions").put("Propagation", mount.propagation());
    if (mount.readOnly() && api.atLeast(ApiVersion.READ_ONLY_DEPTH)) {
      options.put(
          mount.recursiveReadOnly() ? "ReadOnlyForceRecursive" : "ReadOnlyNonRecursive", true);
    }
  }

  /// Only the text form can relabel; it cannot carry a colon, and creates a missing source.
  private static void bind(ObjectNode to, Mount mount) throws DockerException {
    if (mount.source().contains(":") || mount.target().contains(":")) {
      throw refused("mount " + mount.target()
          + " asks for SELinux relabelling, which Docker cannot do for a path with a colon");
    }
    if (mount.recursiveReadOnly()) {
      throw refused("mount " + mount.target()
          + " asks for SELinux relabelling and recursive read-only at once, which Docker cannot");
    }
    String mode = mount.readOnly() ? "ro,Z," : "Z,";
    to.withArray("/Binds")
        .add(mount.source() + ":" + mount.target() + ":" + mode + mount.propagation());
  }

  private static void ports(ObjectNode body, List<PortBinding> bindings) {
    for (PortBinding port : bindings) {
      String key = port.containerPort() + "/" + port.protocol();
      body.withObject("/ExposedPorts").putObject(key);
      if (port.hostPort() != 0) {
        ObjectNode host = body.withObject("/HostConfig");
        ObjectNode all = host.has("PortBindings")
            ? (ObjectNode) host.get("PortBindings")
            : host.putObject("PortBindings");
        ArrayNode list = all.has(key) ? (ArrayNode) all.get(key) : all.putArray(key);
        list.addObject()
            .put("HostIp", port.hostIp())
            .put("HostPort", Integer.toString(port.hostPort()));
      }
    }
  }

  private static void devices(ObjectNode to, List<Device> devices) {
    for (Device device : devices) {
      to.withArray("/Devices")
          .addObject()
          .put("PathOnHost", device.pathOnHost())
          .put("PathInContainer", device.pathInContainer())
          .put("CgroupPermissions", device.permissions());
    }
  }

  private static DockerException refused(String text) {
    return new DockerException("create_container", 400, text, false);
  }

  private static void text(ObjectNode to, String field, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      to.put(field, value);
    }
  }

  private static void number(ObjectNode to, String field, long value) {
    if (value != 0) {
      to.put(field, value);
    }
  }

  private static void texts(ObjectNode to, String field, @Nullable Collection<String> values) {
    if (values != null && !values.isEmpty()) {
      explicit(to, field, values);
    }
  }

  private static void explicit(ObjectNode to, String field, @Nullable Collection<String> values) {
    if (values != null) {
      ArrayNode array = to.putArray(field);
      values.forEach(array::add);
    }
  }

  private static void map(ObjectNode to, String field, Map<String, String> values) {
    if (!values.isEmpty()) {
      ObjectNode object = to.putObject(field);
      values.forEach(object::put);
    }
  }
}
