package dev.millrace.gateway.http;

import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Serves the start page: `/` and `/assets/{file}`, out of the class path. The files are read once,
/// so no path of a request ever reaches a file system. Immutable.
public final class StaticFiles implements RouteContribution {
  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private record File(byte[] bytes, String type, String tag) {}

  private final File index;
  private final Map<String, File> assets = new LinkedHashMap<>();

  /// The start page of the product.
  public static StaticFiles startPage() {
    return new StaticFiles(
        StaticFiles.class,
        "start",
        List.of("start.css", "start.js", "wse.js", "session.js", "graph.js", "mark.svg"));
  }

  /// `folder` beside `anchor` has an `index.html` and these `assets`.
  StaticFiles(Class<?> anchor, String folder, List<String> assets) {
    this.index = read(anchor, folder, "index.html");
    assets.forEach(name -> this.assets.put(name, read(anchor, folder, name)));
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/",
            Route.Access.PUBLIC,
            Route.Docs.of("The start page.")
                .answers("<!doctype html>…")
                .fails(304, "", "The caller has it already."),
            request -> answer(index, request)),
        new Route(
            "GET",
            "/assets/{file}",
            Route.Access.PUBLIC,
            Route.Docs.of("A file of the start page.")
                .parameter("file", "path", "Its name, such as start.css.")
                .answers("body { … }")
                .fails(304, "", "The caller has it already.")
                .fails(404, "NOT_FOUND", "there is no such file"),
            this::asset));
  }

  private Response asset(Request request) {
    var file = assets.get(request.parameter("file"));
    return file == null
        ? Response.failure(404, "NOT_FOUND", "there is no such file")
        : answer(file, request);
  }

  private static Response answer(File file, Request request) {
    boolean known =
        request.header("if-none-match").filter(tags -> tags.contains(file.tag)).isPresent();
    var response =
        known
            ? Response.empty(304)
            : new Response(200, file.type, file.bytes, Map.of("Content-Security-Policy", POLICY));
    return response.withHeader("ETag", file.tag).withHeader("Cache-Control", "no-cache");
  }

  private static File read(Class<?> anchor, String folder, String name) {
    try (var in = anchor.getResourceAsStream(folder + "/" + name)) {
      if (in == null) {
        throw new IllegalStateException(folder + "/" + name + " is missing from the class path");
      }
      var bytes = in.readAllBytes();
      var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      var tag = "\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"";
      var type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      if (type == null) {
        throw new IllegalStateException(name + " has a kind that is not served");
      }
      return new File(bytes, type, tag);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
