from ninja.openapi.docs import Swagger

from bookings.api.document import ProblemAPI
from bookings.api.problems import add_handlers
from bookings.api.routes import router

api = ProblemAPI(
    title="Clinic bookings",
    version="1",
    urls_namespace="api-1",
    description="Free times, bookings, moves and cancellations. Every time has an offset; days are local to Europe/London. "
    "Errors are `application/problem+json`.",
    docs=Swagger(settings={"persistAuthorization": False}),
)
add_handlers(api)
api.add_router("", router)
