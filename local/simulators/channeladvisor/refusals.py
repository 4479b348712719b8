"""A request that ChannelAdvisor refuses, in one of its two error bodies (CA 1.5)."""

import json


class RefusedError(Exception):
    """The request is answered with `status` and the body of the layer that refused it."""

    def __init__(self, status: int, message: str, *, odata: bool = True) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.odata = odata

    def body(self) -> str:
        """The body as it stands on the wire; the OData form has the line breaks of the one seen (CA 1.5)."""
        if not self.odata:
            return json.dumps({"Message": self.message})
        return f'{{\r\n  "error":{{\r\n    "code":"","message":{json.dumps(self.message)}\r\n  }}\r\n}}'


def invalid(message: str) -> RefusedError:
    """The request is understood and breaks a rule."""
    return RefusedError(400, message)


def bad_query(message: str) -> RefusedError:
    """The query string cannot be read."""
    return invalid(f"The query specified in the URI is not valid. {message}")


def no_property(name: str, type_name: str) -> RefusedError:
    """The query string names a property that the type does not have."""
    return bad_query(
        f"Could not find a property named '{name}' on type 'ChannelAdvisor.RestApi.V1.Models.{type_name}'."
    )


def unknown(message: str = "Resource not found.") -> RefusedError:
    """Nothing stands under this ID for this account."""
    return RefusedError(404, message)


def unauthorised() -> RefusedError:
    """The access token is missing, unknown or expired."""
    return RefusedError(401, "Authorization has been denied for this request.", odata=False)


def no_resource(path: str) -> RefusedError:
    """The service has no such path."""
    return RefusedError(404, f"No HTTP resource was found that matches the request URI '{path}'.", odata=False)
